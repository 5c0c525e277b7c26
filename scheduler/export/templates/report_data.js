// The columns as look-ups: each visit's seats, work and tasks, each person's visits, ways and minutes.
const onedoorFacts = (() => {
  const { visits, seats, work, asked, people, enterprises, departments, time, unscheduled, helpers } = onedoorData;
  const settings = Object.fromEntries(Object.entries(time).map(([key, values]) => [key, values[0]]));
  const nVisits = visits.id.length;
  const starts = (counts) => {
    const sums = new Int32Array(counts.length + 1);
    counts.forEach((count, at) => {
      sums[at + 1] = sums[at] + count;
    });
    return sums;
  };
  const seatAt = starts(visits.n_seats);
  const workAt = starts(visits.n_work);
  const taskAt = starts(visits.n_tasks);

  let nPlaced = 0;
  while (nPlaced < nVisits && visits.day[nPlaced] >= 0) {
    nPlaced += 1; // placed visits come first
  }

  const seatsOf = (visit) => {
    const own = [];
    for (let at = seatAt[visit]; at < seatAt[visit + 1]; at += 1) {
      own.push({ person: seats.person[at], department: seats.department[at] });
    }
    return own;
  };
  const workOf = (visit) => {
    const own = [];
    for (let at = workAt[visit]; at < workAt[visit + 1]; at += 1) {
      own.push({ item: work.item[at], department: work.department[at] });
    }
    return own;
  };
  const tasksOf = (visit) => [...new Set(asked.task.slice(taskAt[visit], taskAt[visit + 1]))];

  // Departments of a visit: those with a seat in it, or with work where nobody could be sent.
  const departmentsOf = (visit) => {
    const found = new Set();
    for (let at = seatAt[visit]; at < seatAt[visit + 1]; at += 1) {
      found.add(seats.department[at]);
    }
    if (found.size === 0) {
      for (let at = workAt[visit]; at < workAt[visit + 1]; at += 1) {
        found.add(work.department[at]);
      }
    }
    found.delete(-1);
    return [...found].sort((a, b) => a - b);
  };

  const visitsOfPerson = people.id.map(() => []);
  const loads = new Float64Array(people.id.length);
  for (let visit = 0; visit < nPlaced; visit += 1) {
    for (let at = seatAt[visit]; at < seatAt[visit + 1]; at += 1) {
      const own = visitsOfPerson[seats.person[at]];
      if (own.at(-1) !== visit) { // an expert may sit for two specialties
        own.push(visit);
        loads[seats.person[at]] += visits.minutes[visit];
      }
    }
  }
  const membersOf = departments.id.map(() => []);
  people.department.forEach((department, person) => {
    if (department >= 0) {
      membersOf[department].push(person);
    }
  });
  // Whoever may take a department's seats: its own people, then those of the departments that help it.
  const sendersOf = membersOf.map((own) => [...own]);
  // Departments that are tied by who helps whom are evened out together: the first of each circle.
  let circleOf = departments.id.map((_, at) => at);
  helpers.department.forEach((own, at) => {
    sendersOf[own].push(...membersOf[helpers.helper[at]]);
    const [one, other] = [circleOf[own], circleOf[helpers.helper[at]]].sort((a, b) => a - b);
    circleOf = circleOf.map((first) => (first === other ? one : first));
  });
  const visitsOfDepartment = departments.id.map(() => []);
  for (let visit = 0; visit < nVisits; visit += 1) {
    departmentsOf(visit).forEach((department) => visitsOfDepartment[department].push(visit));
  }
  const needsOfVisit = new Map();
  unscheduled.visit.forEach((visit, row) => needsOfVisit.set(visit, [...(needsOfVisit.get(visit) ?? []), row]));

  const point = (visit) => {
    const desk = visits.desk[visit];
    const own = visits.enterprise[visit];
    return desk < 0 ? [enterprises.x[own], enterprises.y[own]] : [departments.x[desk], departments.y[desk]];
  };
  const home = (person) => [people.x[person], people.y[person]];

  const seatOf = (visit, person) => {
    let at = seatAt[visit];
    while (seats.person[at] !== person) {
      at += 1;
    }
    return at;
  };

  // A person's days with a wanted visit, each whole: visits, stops from office to office, minutes of each leg.
  const routesOf = (person, wanted = () => true) => {
    const days = new Map();
    for (const visit of visitsOfPerson[person].filter(wanted)) {
      days.set(visits.day[visit], []);
    }
    for (const visit of visitsOfPerson[person]) {
      days.get(visits.day[visit])?.push(visit);
    }
    return [...days].map(([day, own]) => {
      const stops = [home(person), ...own.map(point), home(person)];
      const legs = [...own.map((visit) => seats.leg[seatOf(visit, person)]), seats.back[seatOf(own.at(-1), person)]];
      return { person, day, visits: own, stops, legs, minutes: legs.reduce((sum, leg) => sum + leg, 0) };
    });
  };
  const travelOf = (person) => routesOf(person).reduce((sum, route) => sum + route.minutes, 0);

  // Goal 2's even target: the least per mille at which the sum of floor(ratio * capacity / 1000) holds the load.
  const evenTarget = (department) => {
    const together = membersOf.filter((_, at) => circleOf[at] === circleOf[department]).flat();
    const rooms = together.map((person) => people.capacity[person]);
    const load = together.reduce((sum, person) => sum + loads[person], 0);
    const room = rooms.reduce((sum, own) => sum + own, 0);
    if (room === 0) {
      return 0;
    }
    let ratio = Math.floor((1000 * load) / room);
    while (rooms.reduce((sum, own) => sum + Math.floor((ratio * own) / 1000), 0) < load) {
      ratio += 1;
    }
    return ratio;
  };
  const permille = (person) =>
    people.capacity[person] > 0 ? Math.ceil((1000 * loads[person]) / people.capacity[person]) : 0;

  return Object.freeze({
    settings, nVisits, nPlaced, seatAt, seatsOf, workOf, tasksOf, departmentsOf, visitsOfPerson, visitsOfDepartment,
    membersOf, sendersOf, needsOfVisit, loads, point, routesOf, travelOf, evenTarget, permille,
  });
})();
